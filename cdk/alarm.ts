import { Alarm, ComparisonOperator, type IMetric, TreatMissingData } from 'aws-cdk-lib/aws-cloudwatch';
import type { Construct } from 'constructs';

/** What an alarm watches, and what it means. */
export type AlarmSettings = {
  /** What it means for the archive, in one sentence. */
  impact: string;
  metric: IMetric;
  threshold: number;
  /** Of how many periods of the metric, how many must be above the threshold. */
  periods?: { of: number; atLeast: number };
  /**
   * Whether it is silence that needs a human: too little, or nothing at all.
   *
   * @default false
   */
  below?: boolean;
  /**
   * Whether no data is as bad as too much: of what writes the metric also when all is well.
   *
   * @default - only with `below`
   */
  heartbeat?: boolean;
};

/** An alarm that publishes to a topic and names its section of the runbook, `DeadLetters` the section `dead-letters`. */
export function addAlarm(
  scope: Construct,
  id: string,
  {
    impact,
    metric,
    threshold,
    topicArn,
    periods = { of: 1, atLeast: 1 },
    below = false,
    heartbeat = below,
  }: AlarmSettings & { topicArn: string },
): void {
  const alarm = new Alarm(scope, id, {
    alarmDescription: `${impact} See docs/runbook.md#${runbookAnchor(id)}`,
    metric,
    threshold,
    comparisonOperator: below
      ? ComparisonOperator.LESS_THAN_THRESHOLD
      : ComparisonOperator.GREATER_THAN_OR_EQUAL_TO_THRESHOLD,
    evaluationPeriods: periods.of,
    datapointsToAlarm: periods.atLeast,
    // Where nothing happens there is usually no data, and all is well.
    treatMissingData: heartbeat ? TreatMissingData.BREACHING : TreatMissingData.NOT_BREACHING,
  });
  alarm.addAlarmAction({ bind: () => ({ alarmActionArn: topicArn }) });
}

function runbookAnchor(id: string): string {
  return id.replaceAll(/(?<=[a-z])(?=[A-Z])/g, '-').toLowerCase();
}
