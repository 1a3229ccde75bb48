import { describe, expect, it } from 'vitest';
import { isFileHost } from '../../../functions/hubspot/file-hosts.ts';

const API = { apiUrl: 'https://api.hubapi.com', attachmentHosts: ['files.example.com'] };

describe('a file', () => {
  it.each([
    'https://api.hubapi.com/x',
    'https://api-na1.hubspot.com/filemanager/api/v3/files/1',
    'https://62515.fs1.hubspotusercontent-na1.net/hubfs/62515/a.pdf?Signature=x',
    'https://f.hubspotusercontent00.net/a',
    'https://hubspotusercontent.net/a',
    'https://cdn2.hubspot.net/a',
    'https://forms-na1.hsforms.com/a',
    'https://files.example.com/a',
    'https://eu.files.example.com/a',
    'https://CDN2.HUBSPOT.NET:443/a',
  ])('may come from %s', (url) => {
    expect(isFileHost(new URL(url), API)).toBe(true);
  });

  it.each([
    'http://cdn2.hubspot.net/a',
    'https://cdn2.hubspot.net:8443/a',
    'https://user:pass@cdn2.hubspot.net/a',
    'https://hubspot.net.example.org/a',
    'https://evilhubspot.net/a',
    'https://hubspotusercontent-evil.net/a',
    'https://hubspotusercontent-na1.net.example.org/a',
    'https://example.com/a',
    'https://notfiles.example.com/a',
    'https://127.0.0.1/a',
    'https://0x7f000001/a',
    'https://[::1]/a',
    'https://10.0.0.1/a',
    'https://169.254.169.254/latest/meta-data',
    'https://localhost/a',
    'http://127.0.0.1:4010/a',
    'ftp://cdn2.hubspot.net/a',
    'file:///etc/passwd',
  ])('may not come from %s', (url) => {
    expect(isFileHost(new URL(url), API)).toBe(false);
  });

  it('may come from an API on this machine, and from nothing else there', () => {
    const local = { apiUrl: 'http://127.0.0.1:4010', attachmentHosts: [] };

    expect(isFileHost(new URL('http://127.0.0.1:4010/signed-url/1'), local)).toBe(true);
    expect(isFileHost(new URL('http://127.0.0.1:4011/signed-url/1'), local)).toBe(false);
    expect(isFileHost(new URL('http://localhost:4010/signed-url/1'), local)).toBe(false);
    expect(isFileHost(new URL('http://u:p@127.0.0.1:4010/signed-url/1'), local)).toBe(false);
  });

  it('may not come from a bare address that was configured', () => {
    expect(isFileHost(new URL('https://10.0.0.1/a'), { ...API, attachmentHosts: ['10.0.0.1'] })).toBe(false);
  });
});
