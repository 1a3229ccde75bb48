// The code is TypeScript that Node runs as it is, and needs the runtime of the Lambdas. `npm ci` brings Node 24 as a
// dependency (its install script fetches it), and every npm script then runs on it.
const REQUIRED = 24;
if (Number(process.versions.node.split('.')[0]) < REQUIRED) {
  console.error(
    `Threadvault runs on Node ${REQUIRED}, which npm ci installs beside it, but this is Node ${process.versions.node}.\n` +
      'Its install script was not run. Either run: npm ci --ignore-scripts=false\n' +
      'or, where npm asks for approval:   npm rebuild node',
  );
  process.exit(1);
}
