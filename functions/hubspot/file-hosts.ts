import { isIP } from 'node:net';

/** From where files are taken besides HubSpot's own hosts. */
export type FileHosts = {
  /** Origin of HubSpot's API: files may come from it also when it is on this machine, which is a simulated one. */
  apiUrl: string;
  /** Further hosts, each with all below it. */
  attachmentHosts: readonly string[];
};

/**
 * Hosts of HubSpot's that signed URLs of files are known, or can be expected, to point to, each with all below it. The API
 * does not say which they are (https://developers.hubspot.com/docs/api-reference/files-files-v3, read November 2026), so
 * they are graded by how certain they are.
 */
const HUBSPOT_HOSTS: readonly RegExp[] = [
  // Certain: the hosts of the API itself, of its regions too; older signed links of the file manager are below them.
  /^hubapi\.com$/,
  /^hubspot\.com$/,
  // Seen often in public: where HubSpot serves files from, by account and region, such as
  // 62515.fs1.hubspotusercontent-na1.net, and the numbered hosts that came before, such as f.hubspotusercontent00.net.
  // The region is of two letters and a digit: a name that anybody could register does not fit.
  /^hubspotusercontent-[a-z]{2}\d\.net$/,
  /^hubspotusercontent(?:\d{2})?\.net$/,
  // Seen in public, for older accounts: cdn2.hubspot.net and its like.
  /^hubspot\.net$/,
  // Assumed: HubSpot's hosts for forms, whose uploads are attached to conversations that begin with a form.
  /^hsforms\.(?:com|net)$/,
];

const LOOPBACK_HOSTS: readonly string[] = ['127.0.0.1', '[::1]', 'localhost'];

/**
 * Whether a file may be fetched from there: over https, without credentials, on the usual port, from one of HubSpot's
 * hosts or of those that were configured. Never from a bare address, private or not, except that of an API on this
 * machine. Where such a name leads to is not looked up: whoever answers needs the name's certificate.
 */
export function isFileHost(url: URL, { apiUrl, attachmentHosts }: FileHosts): boolean {
  if (url.username !== '' || url.password !== '') return false;
  const api = new URL(apiUrl);
  if (LOOPBACK_HOSTS.includes(api.hostname) && url.origin === api.origin) return true;
  const { protocol, port, hostname } = url;
  if (protocol !== 'https:' || port !== '' || isAddress(hostname)) return false;
  const parents = parentsOf(hostname);
  return parents.some(
    (parent) => attachmentHosts.includes(parent) || HUBSPOT_HOSTS.some((host) => host.test(parent)),
  );
}

// The URL parser has brought every way of writing an IPv4 address to the usual one, and IPv6 into brackets.
function isAddress(hostname: string): boolean {
  return hostname.startsWith('[') || isIP(hostname) !== 0;
}

/** The host and all that it is below: `a.b.c` gives `a.b.c`, `b.c`, `c`. */
function parentsOf(hostname: string): string[] {
  const labels = hostname.split('.');
  return labels.map((_, at) => labels.slice(at).join('.'));
}
