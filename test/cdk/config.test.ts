import { describe, expect, it } from 'vitest';
import { readConfig, StackConfigError } from '../../cdk/config.ts';

const MINIMAL = { portals: '62515' };

describe('readConfig', () => {
  it('needs no more than the portals', () => {
    const config = readConfig(MINIMAL);

    expect(config).toEqual({
      portals: ['62515'],
      hubspotApiUrl: 'https://api.hubapi.com',
      hubspotApiVersion: 'v3',
      requestsPerSecond: 10,
      coalesceSeconds: 15,
      attachments: true,
      attachmentMaxMegabytes: 100,
      privacyDeletion: 'erase',
      sweepMinutes: 60,
      fullSweepDays: 7,
      fullSweepWindowDays: 30,
      retentionMode: 'none',
      accessTrail: 'none',
      accessTrailDays: 365,
      queryFirstDay: '2010-01-01',
      athenaScanLimitGigabytes: 100,
      analytics: false,
    });
  });

  it('reads every setting as text, the way -c key=value gives it', () => {
    const config = readConfig({
      portals: ' 62515, 62516,62515',
      webhookUrl: 'https://hooks.example.com/webhook',
      hubspotApiUrl: 'https://api.example.com/',
      hubspotApiVersion: '2026-09',
      requestsPerSecond: '2.5',
      coalesceSeconds: '60',
      attachments: 'false',
      attachmentMaxMegabytes: '400',
      attachmentHosts: 'files.example.com, CDN.example.org',
      privacyDeletion: 'hold',
      sweepMinutes: '5',
      fullSweepDays: '90',
      fullSweepWindowDays: '365',
      retentionMode: 'compliance',
      retentionDays: '2555',
      complianceCannotBeUndone: 'true',
      breakGlassRoleArn: 'arn:aws:iam::123456789012:role/security/BreakGlass',
      holdRoleArn: 'arn:aws-cn:iam::123456789012:role/Legal',
      coldStorageDays: '90',
      coldStorageClass: 'GLACIER_IR',
      accessTrail: 's3',
      accessTrailDays: '731',
      queryFirstDay: '2024-02-29',
      athenaScanLimitGigabytes: '2000',
      analytics: 'true',
      alarmEmail: 'ops@example.com',
    });

    expect(config).toEqual({
      portals: ['62515', '62516'],
      webhookUrl: 'https://hooks.example.com/webhook',
      hubspotApiUrl: 'https://api.example.com',
      hubspotApiVersion: '2026-09',
      requestsPerSecond: 2.5,
      coalesceSeconds: 60,
      attachments: false,
      attachmentMaxMegabytes: 400,
      attachmentHosts: ['files.example.com', 'cdn.example.org'],
      privacyDeletion: 'hold',
      sweepMinutes: 5,
      fullSweepDays: 90,
      fullSweepWindowDays: 365,
      retentionMode: 'compliance',
      retentionDays: 2555,
      complianceCannotBeUndone: true,
      breakGlassRoleArn: 'arn:aws:iam::123456789012:role/security/BreakGlass',
      holdRoleArn: 'arn:aws-cn:iam::123456789012:role/Legal',
      coldStorageDays: 90,
      coldStorageClass: 'GLACIER_IR',
      accessTrail: 's3',
      accessTrailDays: 731,
      queryFirstDay: '2024-02-29',
      athenaScanLimitGigabytes: 2000,
      analytics: true,
      alarmEmail: 'ops@example.com',
    });
  });

  it('reads numbers that cdk.json holds as numbers', () => {
    const config = readConfig({ portals: 62515, requestsPerSecond: 5, coalesceSeconds: 0 });

    expect(config).toMatchObject({ portals: ['62515'], requestsPerSecond: 5, coalesceSeconds: 0 });
  });

  it.each([
    ['portals', '62515,'],
    ['portals', 'acme'],
    ['portals', ''],
    ['portals', true],
    ['webhookUrl', 'http://hooks.example.com/webhook'],
    ['webhookUrl', 'https://hooks.example.com/webhook?key=1'],
    ['webhookUrl', 'https://hooks.example.com/webhook#a'],
    ['webhookUrl', 'https://user:pass@hooks.example.com/webhook'],
    ['webhookUrl', 'hooks.example.com'],
    ['hubspotApiUrl', 'http://api.hubapi.com'],
    ['hubspotApiUrl', 'http://localhost.example.com'],
    ['hubspotApiUrl', 'ftp://localhost'],
    ['hubspotApiUrl', 'nonsense'],
    ['hubspotApiUrl', 'https://api.hubapi.com?a=1'],
    ['hubspotApiUrl', 'https://api.hubapi.com/v3'],
    ['hubspotApiVersion', 'v4'],
    ['requestsPerSecond', '0.49'],
    ['requestsPerSecond', '18.1'],
    ['requestsPerSecond', 'fast'],
    ['requestsPerSecond', ''],
    ['coalesceSeconds', '-1'],
    ['coalesceSeconds', '901'],
    ['coalesceSeconds', '1.5'],
    ['coalesceSeconds', ' '],
    ['attachments', 'no'],
    ['attachments', ''],
    ['attachmentMaxMegabytes', '0'],
    ['attachmentMaxMegabytes', '401'],
    ['attachmentMaxMegabytes', '1.5'],
    ['attachmentHosts', ''],
    ['privacyDeletion', 'keep'],
    ['attachmentHosts', '10.0.0.1'],
    ['attachmentHosts', 'localhost'],
    ['attachmentHosts', 'https://files.example.com'],
    ['attachmentHosts', '*.example.com'],
    ['attachmentHosts', 'files.example.com,'],
    ['sweepMinutes', '4'],
    ['sweepMinutes', '1441'],
    ['sweepMinutes', ''],
    ['fullSweepDays', '0'],
    ['fullSweepDays', '91'],
    ['fullSweepWindowDays', '366'],
    ['fullSweepWindowDays', '1.5'],
    ['retentionMode', 'legal'],
    ['complianceCannotBeUndone', 'false'],
    ['complianceCannotBeUndone', 'yes'],
    ['breakGlassRoleArn', 'BreakGlass'],
    ['breakGlassRoleArn', 'arn:aws:iam::123456789012:role/*'],
    ['breakGlassRoleArn', 'arn:aws:iam::123456789012:user/somebody'],
    ['breakGlassRoleArn', 'arn:aws:iam::123456789012:role/One,arn:aws:iam::123456789012:role/Two'],
    ['holdRoleArn', 'arn:aws:iam::12345678901?:role/Legal'],
    ['coldStorageDays', '29'],
    ['coldStorageDays', '36501'],
    ['coldStorageClass', 'DEEP_ARCHIVE'],
    ['accessTrail', 'all'],
    ['accessTrailDays', '0'],
    ['accessTrailDays', '36501'],
    ['queryFirstDay', '2023-02-29'],
    ['queryFirstDay', '2024-1-1'],
    ['queryFirstDay', '2024-01-01T00:00:00Z'],
    ['athenaScanLimitGigabytes', '0'],
    ['athenaScanLimitGigabytes', '100001'],
    ['analytics', 'yes'],
    ['alarmEmail', 'nobody'],
  ])('refuses %s=%s, saying what was given and what is allowed', (key, value) => {
    const read = () => readConfig({ ...MINIMAL, [key]: value });

    expect(read).toThrow(StackConfigError);
    expect(read).toThrow(`\n  ${key}: was ${JSON.stringify(value)}; allowed is `);
  });

  it.each([
    ['webhookUrl', 'https://hooks.example.com/a/b'],
    ['webhookUrl', 'https://hooks.example.com'],
    ['hubspotApiUrl', 'http://127.0.0.1:4010'],
    ['hubspotApiUrl', 'http://localhost:4010'],
    ['requestsPerSecond', 18],
    ['requestsPerSecond', 0.5],
    ['coalesceSeconds', 900],
    ['attachments', true],
    ['attachmentMaxMegabytes', 1],
    ['sweepMinutes', 1_440],
    ['fullSweepDays', 1],
    ['fullSweepWindowDays', 1],
  ])('takes %s=%s', (key, value) => {
    const config = readConfig({ ...MINIMAL, [key]: value });

    expect(config).toHaveProperty(key, value);
  });

  it.each([
    [{ retentionMode: 'governance' }, 'retentionDays: is missing; allowed is a whole number from 1 to 36500'],
    [
      { retentionMode: 'governance', retentionDays: '0' },
      'retentionDays: was "0"; allowed is a whole number from 1 to 36500',
    ],
    [{ retentionMode: 'governance', retentionDays: 36_501 }, 'retentionDays: was 36501; '],
    [{ retentionMode: 'governance', retentionDays: '1.5' }, 'retentionDays: was "1.5"; '],
    [
      { retentionDays: '30' },
      'retentionDays: was "30"; allowed is a whole number from 1 to 36500, with retentionMode ',
    ],
    [{ retentionMode: 'none', retentionDays: '30' }, 'retentionDays: was "30"; '],
    [
      { retentionMode: 'compliance', retentionDays: '30' },
      'complianceCannotBeUndone: is missing; allowed is true, with retentionMode compliance: until its time is over nobody',
    ],
    [
      { retentionMode: 'governance', retentionDays: '30', complianceCannotBeUndone: 'true' },
      'complianceCannotBeUndone: was "true"; allowed is true, with retentionMode compliance',
    ],
    [{ coldStorageDays: '90' }, 'coldStorageClass: is missing; '],
    [{ coldStorageClass: 'GLACIER_IR' }, 'coldStorageDays: is missing; '],
  ])('refuses what does not go together, and says which key: %j', (context, problem) => {
    const read = () => readConfig({ ...MINIMAL, ...context });

    expect(read).toThrow(StackConfigError);
    expect(read).toThrow(new RegExp(`^the configuration cannot be used:\n {2}${problem}[^\n]*$`));
  });

  it.each([1, 36_500])('takes a retention of %i days', (retentionDays) => {
    const config = readConfig({ ...MINIMAL, retentionMode: 'governance', retentionDays });

    expect(config).toMatchObject({ retentionMode: 'governance', retentionDays });
  });

  it('says how to set the portals when they are missing', () => {
    const read = () => readConfig({});

    expect(read).toThrow(/portals: is missing; allowed is .* -c portals=62515/);
  });

  it('names every problem at once', () => {
    const read = () => readConfig({ coalesceSeconds: 'soon', hubspotApiVersion: 'v4' });

    expect(read).toThrow(/\n {2}portals: .*\n {2}hubspotApiVersion: .*\n {2}coalesceSeconds: /);
  });

  it('refuses a setting that does not exist, even beside a complete configuration', () => {
    const read = () => readConfig({ ...MINIMAL, retainMode: 'compliance' });

    expect(read).toThrow(
      'retainMode: was "compliance"; there is no such setting, allowed are portals, webhookUrl',
    );
  });

  it('leaves the keys of CDK itself alone', () => {
    const context = {
      'aws:cdk:bundling-stacks': [],
      '@aws-cdk/core:x': true,
      'availability-zones:account=1': ['a'],
    };

    const config = readConfig({ ...MINIMAL, ...context });

    expect(config.portals).toEqual(['62515']);
  });
});
