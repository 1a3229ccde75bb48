/**
 * Stops Lambda from taking threads off the queue, or lets it go on. Asked for without the SDK, whose client for Lambda
 * nothing else here needs; MiniStack looks at no signature.
 */
export async function letArchive(Enabled: boolean): Promise<void> {
  const { EventSourceMappings } = await ask<{ EventSourceMappings: { UUID: string }[] }>('GET', '');
  for (const { UUID } of EventSourceMappings) await ask('PUT', UUID, { Enabled });
}

async function ask<T>(method: string, name: string, body?: object): Promise<T> {
  const url = `${process.env['AWS_ENDPOINT_URL'] ?? ''}/2015-03-31/event-source-mappings/${name}`;
  const authorization = 'AWS4-HMAC-SHA256 Credential=test/20260101/us-east-1/lambda/aws4_request';
  const response = await fetch(url, {
    method,
    headers: { authorization, 'content-type': 'application/json' },
    ...(body !== undefined && { body: JSON.stringify(body) }),
  });
  if (!response.ok) throw new Error(`${method} ${url}: ${response.status} ${await response.text()}`);
  return (await response.json()) as T;
}
