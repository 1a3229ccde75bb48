/**
 * Everything in the log groups of the account, one text per event. Asked for without the SDK, which has a client of its
 * own for logs that nothing else here needs; MiniStack looks at no signature.
 */
export async function readLogs(): Promise<string[]> {
  const { logGroups } = await ask<{ logGroups: { logGroupName: string }[] }>('DescribeLogGroups', {});
  const texts = await Promise.all(logGroups.map(({ logGroupName }) => readLogGroup(logGroupName)));
  return texts.flat();
}

async function readLogGroup(logGroupName: string): Promise<string[]> {
  const texts: string[] = [];
  let nextToken: string | undefined;
  do {
    const page = await ask<LogPage>('FilterLogEvents', { logGroupName, nextToken });
    texts.push(...page.events.map(({ message }) => message));
    nextToken = page.nextToken;
  } while (nextToken !== undefined);
  return texts;
}

type LogPage = { events: { message: string }[]; nextToken?: string };

async function ask<T>(action: string, parameters: object): Promise<T> {
  const response = await fetch(process.env['AWS_ENDPOINT_URL'] ?? '', {
    method: 'POST',
    headers: {
      'content-type': 'application/x-amz-json-1.1',
      'x-amz-target': `Logs_20140328.${action}`,
      authorization: 'AWS4-HMAC-SHA256 Credential=test/20260101/us-east-1/logs/aws4_request',
    },
    body: JSON.stringify(parameters),
  });
  return (await response.json()) as T;
}
