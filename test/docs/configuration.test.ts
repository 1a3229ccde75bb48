import { describe, expect, it } from 'vitest';
import { readConfig } from '../../cdk/config.ts';
import { firstTable, readDocument } from './markdown.ts';

const table = firstTable(readDocument('docs/configuration.md'));
const column = (at: number): Record<string, string> =>
  Object.fromEntries(table.map((row) => [row[0]!, row[at]!]));

describe('the configuration table', () => {
  it('has the keys that the stack takes, in their order', () => {
    const allowed = /there is no such setting, allowed are (.*)$/m.exec(
      refusal({ portals: '1', nonsense: 1 }),
    );

    expect(table.map(([key]) => key)).toEqual(allowed?.[1]?.split(', '));
  });

  it('has their defaults', () => {
    const { portals: _, ...defaults } = readConfig({ portals: '62515' });
    const withNone = [
      'webhookUrl',
      'attachmentHosts',
      'retentionDays',
      'complianceCannotBeUndone',
      'breakGlassRoleArn',
      'holdRoleArn',
      'coldStorageDays',
      'coldStorageClass',
      'alarmEmail',
    ];
    const none = Object.fromEntries(withNone.map((key) => [key, 'none']));
    const withoutDefault = { ...none, portals: 'none, must be given' };

    const strings = Object.entries(defaults).map(([key, value]) => [key, String(value)]);

    expect(column(1)).toEqual({ ...Object.fromEntries(strings), ...withoutDefault });
  });

  it('says of each what is allowed, in the words of the error', () => {
    const nonsense = Object.fromEntries(table.map(([key]) => [key!, null]));

    const said = Array.from(refusal(nonsense).matchAll(/^ {2}(\w+): was null; allowed is (.*)$/gm));

    expect(column(2)).toEqual(Object.fromEntries(said.map(([, key, allowed]) => [key, allowed])));
  });
});

function refusal(context: Record<string, unknown>): string {
  try {
    readConfig(context);
    throw new Error('a configuration that should have been refused was not');
  } catch (error) {
    return (error as Error).message;
  }
}
