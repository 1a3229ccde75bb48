import { describe, expect, it } from 'vitest';
import { synthesise } from '../cdk/synthesise.ts';
import { anchors, codeBlocks, DOCUMENTS, matches, readDocument } from './markdown.ts';

const SHELL = DOCUMENTS.flatMap((name) => codeBlocks(readDocument(name), 'sh')).join('\n');
const template = synthesise();

describe('the runbook', () => {
  it('has the section that each alarm names', () => {
    const alarms = Object.values(template.findResources('AWS::CloudWatch::Alarm')) as {
      Properties: { AlarmDescription: string };
    }[];
    const named = alarms.map(({ Properties }) => /See (\S+)#(\S+)$/.exec(Properties.AlarmDescription));

    expect(named.map((match) => match?.[1])).toEqual(alarms.map(() => 'docs/runbook.md'));
    expect(anchors(readDocument('docs/runbook.md'))).toEqual(
      expect.arrayContaining(named.map((match) => match?.[2])),
    );
  });
});

describe('the commands of the documents', () => {
  it('ask for outputs that the stack has', () => {
    const withTrail = synthesise({ accessTrail: 's3' });
    const outputs = Object.keys(withTrail.toJSON()['Outputs'] as object);

    const asked = matches(SHELL, /(?:\$\(output|^output|\$\(depth|^depth) (\w+)/gm);

    expect(asked).not.toEqual([]);
    expect(asked.filter((name) => !outputs.includes(name))).toEqual([]);
  });

  it('look at log groups and functions that the stack has', () => {
    const resources = Object.keys(template.toJSON()['Resources'] as object);

    const named = [
      ...matches(SHELL, /(?:^insights|\(log_group) (\w+)/gm),
      ...matches(SHELL, /starts_with\(LogicalResourceId, '(\w+)'\)/g),
    ];

    expect(named).not.toEqual([]);
    expect(named.filter((name) => !resources.some((id) => id.startsWith(name)))).toEqual([]);
  });
});
