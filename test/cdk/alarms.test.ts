import { existsSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { synthesise } from './synthesise.ts';

const RUNBOOK = 'docs/runbook.md';

const template = synthesise();
const alarms = Object.entries(
  template.findResources('AWS::CloudWatch::Alarm') as Record<string, { Properties: Record<string, unknown> }>,
).map(([id, { Properties }]) => ({ id: id.slice(0, -8), ...Properties }));
const descriptions = alarms.map((alarm) => alarm['AlarmDescription' as keyof typeof alarm]);

describe('the alarms', () => {
  it('watch what needs a human', () => {
    expect(alarms).toMatchObject([
      watching('AlarmsDeadLetters', 'ApproximateNumberOfMessagesVisible', 1, [1, 1]),
      watching('AlarmsArchiveBehind', 'ApproximateAgeOfOldestMessage', 3600, [1, 1]),
      watching('AlarmsThreadsWaiting', 'RecordsReturned', 1, [8, 24]),
      watching('AlarmsWebhooksFailing', '5xx', 1, [3, 12]),
      watching('AlarmsWebhooksRefused', '4xx', 1, [6, 12]),
      watching('AlarmsScopeMissing', 'ScopesMissing', 1, [1, 288]),
      watching('AlarmsArchiverFailing', 'Errors', 1, [3, 12]),
      watching('AlarmsArchiverThrottled', 'Throttles', 1, [3, 12]),
      watching('AlarmsEraserFailing', 'Errors', 1, [1, 288]),
      watching('AlarmsErasuresWaiting', 'ApproximateAgeOfOldestMessage', 21_600, [1, 1]),
      watching('AlarmsTrashUnarchived', 'TrashUnarchived', 1, [1, 288]),
      watching('AlarmsSweepFailing', 'SweepsFailed', 1, [12, 24]),
      watching('AlarmsDigestsMissing', 'DigestsWritten', 1, [3, 3]),
      watching('AlarmsChangesUnlisted', 'ApproximateNumberOfMessagesVisible', 1, [1, 1]),
    ]);
  });

  it('watch both queues, each for what it is', () => {
    const [deadLetters, behind] = alarms as unknown as {
      Dimensions: { Value: { 'Fn::GetAtt': string[] } }[];
    }[];

    expect(deadLetters?.Dimensions[0]?.Value['Fn::GetAtt'][0]).toMatch(/^ThreadQueueDeadLetters/);
    expect(behind?.Dimensions[0]?.Value['Fn::GetAtt'][0]).toMatch(/^ThreadQueue[0-9A-F]{8}$/);
  });

  it('watch erasing on a queue and in a function of its own', () => {
    const [failing, waiting] = alarms.filter(({ id }) => id.includes('Eras')) as unknown as {
      Dimensions: { Value: { Ref?: string; 'Fn::GetAtt'?: string[] } }[];
    }[];

    expect(failing?.Dimensions[0]?.Value.Ref).toMatch(/^ErasingEraserFunction/);
    expect(waiting?.Dimensions[0]?.Value['Fn::GetAtt']?.[0]).toMatch(/^ErasureQueue[0-9A-F]{8}$/);
  });

  it('watch the sweep by what sweep-threads counts', () => {
    const ofSweeps = alarms.filter(({ id }) => /Sweep|Trash/.test(id));

    for (const alarm of ofSweeps) {
      expect(alarm).toMatchObject({
        Namespace: 'Threadvault',
        Dimensions: [{ Name: 'service', Value: 'sweep-threads' }],
      });
    }
    expect(ofSweeps).toHaveLength(2);
  });

  it('are quiet about an idle archive, and reach the topic otherwise', () => {
    const heard = ['AlarmsDigestsMissing', 'AlarmsSweepFailing'];
    for (const alarm of alarms.filter(({ id }) => !heard.includes(id))) {
      expect(alarm).toMatchObject({
        TreatMissingData: 'notBreaching',
        AlarmActions: [{ Ref: expect.stringMatching(/^AlarmsTopic/) as string }],
        ComparisonOperator: 'GreaterThanOrEqualToThreshold',
        Period: 300,
      });
    }
  });

  it('go off when the sweep is not heard of, which counts its failures in every run', () => {
    expect(alarms.find(({ id }) => id === 'AlarmsSweepFailing')).toMatchObject({
      TreatMissingData: 'breaching',
      ComparisonOperator: 'GreaterThanOrEqualToThreshold',
      Statistic: 'Sum',
      Period: 300,
      AlarmActions: [{ Ref: expect.stringMatching(/^AlarmsTopic/) as string }],
    });
  });

  it('go off in silence when three hours go by without a digest', () => {
    expect(alarms.find(({ id }) => id === 'AlarmsDigestsMissing')).toMatchObject({
      Namespace: 'Threadvault',
      Dimensions: [{ Name: 'service', Value: 'write-digest' }],
      Statistic: 'Sum',
      TreatMissingData: 'breaching',
      ComparisonOperator: 'LessThanThreshold',
      Period: 3600,
      AlarmActions: [{ Ref: expect.stringMatching(/^AlarmsTopic/) as string }],
    });
  });

  it('watch what no digest could list where SQS sets it aside', () => {
    expect(alarms.find(({ id }) => id === 'AlarmsChangesUnlisted')).toMatchObject({
      Dimensions: [{ Value: { 'Fn::GetAtt': [expect.stringMatching(/^DigestsDeadLetters/), 'QueueName'] } }],
    });
  });

  it('say in one sentence what it means, and where the runbook goes on', () => {
    for (const description of descriptions) {
      expect(description).toMatch(/^[A-Z][^.]+\. See docs\/runbook\.md#[a-z-]+$/);
    }
  });

  it.skipIf(!existsSync(RUNBOOK))('name sections that the runbook has', () => {
    const headings = readFileSync(RUNBOOK, 'utf8').matchAll(/^#+ +(.+)$/gm);
    const anchors = Array.from(
      headings,
      ([, heading]) =>
        `#${heading!
          .toLowerCase()
          .replaceAll(/[^\w -]/g, '')
          .replaceAll(' ', '-')}`,
    );

    expect(anchors).toEqual(
      expect.arrayContaining(descriptions.map((text) => text.slice(text.indexOf('#')))),
    );
  });

  it('are mailed to nobody by default', () => {
    template.resourceCountIs('AWS::SNS::Subscription', 0);
  });

  it('are mailed to alarmEmail', () => {
    const withMail = synthesise({ alarmEmail: 'ops@example.com' });

    withMail.hasResourceProperties('AWS::SNS::Subscription', {
      Protocol: 'email',
      Endpoint: 'ops@example.com',
    });
  });
});

function watching(id: string, MetricName: string, Threshold: number, [atLeast, of]: [number, number]) {
  return { id, MetricName, Threshold, DatapointsToAlarm: atLeast, EvaluationPeriods: of };
}
