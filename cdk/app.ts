import { App, Validations, type AppProps } from 'aws-cdk-lib';
import { AwsSolutionsChecks } from 'cdk-nag';
import { ArchiveStack } from './archive-stack.ts';
import { readConfig, StackConfigError } from './config.ts';
import { QueryStack } from './query-stack.ts';

/**
 * The whole CDK app: two stacks, the archive and SQL over it, from the configuration in the app's context, checked against
 * cdk-nag's AWS Solutions rules (a finding that is not acknowledged makes synthesis fail).
 * @throws StackConfigError when the configuration cannot be used
 */
export function createApp(props?: AppProps): App {
  const app = new App(props);
  Validations.of(app).addPlugins(new AwsSolutionsChecks(app));
  const context: unknown = app.node.getAllContext();
  const config = readConfig(context);
  const archive = new ArchiveStack(app, 'Threadvault', { config });
  new QueryStack(app, 'ThreadvaultQuery', { config, archive });
  return app;
}

if (import.meta.main) {
  try {
    createApp();
  } catch (error) {
    if (!(error instanceof StackConfigError)) throw error;
    // What is wrong is in the operator's hands, not in this code: say it without a stack trace.
    console.error(error.message);
    process.exit(1);
  }
}
