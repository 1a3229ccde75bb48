// npm leaves out of package-lock.json the platform packages that the registry at hand does not offer, and `npm ci` then
// refuses the lockfile everywhere (https://github.com/npm/cli/issues/4828). This names what is missing; with --fix it
// writes the entries. They carry what npm needs to pass them over on other platforms.
import { readFileSync, writeFileSync } from 'node:fs';

const LOCKFILE = 'package-lock.json';
const lock = JSON.parse(readFileSync(LOCKFILE, 'utf8'));
const present = new Set(Object.keys(lock.packages).map((path) => path.replace(/^.*node_modules\//, '')));
const missing = Object.values(lock.packages)
  .flatMap((entry) => Object.entries(entry.optionalDependencies ?? {}))
  .filter(([name]) => !present.has(name));

if (process.argv.includes('--fix')) {
  for (const [name, version] of missing) lock.packages[`node_modules/${name}`] = platformEntry(name, version);
  lock.packages = Object.fromEntries(Object.entries(lock.packages).sort(([a], [b]) => (a < b ? -1 : 1)));
  writeFileSync(LOCKFILE, `${JSON.stringify(lock, null, 2)}\n`);
  console.log(`${missing.length} entries added to ${LOCKFILE}`);
} else if (missing.length > 0) {
  console.error(
    `${LOCKFILE} lacks: ${missing.map(([name]) => name).join(', ')}\nRun: node .ci/lockfile.mjs --fix`,
  );
  process.exitCode = 1;
}

/** `@scope/thing-linux-arm64-musl` says for which machines it is. */
function platformEntry(name, version) {
  const os = /\b(android|darwin|freebsd|linux|openharmony|win32)\b/.exec(name)?.[1];
  const cpu = /\b(arm64|arm|ia32|ppc64|riscv64|s390x|x64)\b/.exec(name)?.[1];
  const libc = /\b(gnu|musl)/.exec(name)?.[1];
  if (os === undefined || cpu === undefined)
    throw new Error(`cannot tell the platform of ${name}; add it by hand`);
  return {
    version,
    cpu: [cpu],
    ...(libc !== undefined && { libc: [libc === 'gnu' ? 'glibc' : 'musl'] }),
    dev: true,
    optional: true,
    os: [os],
  };
}
