import fs from 'node:fs';
import path from 'node:path';

const found = (program) => [...(process.env.PATH ?? '').split(':'), '/usr/sbin', '/usr/local/sbin'].some((folder) => fs.existsSync(path.join(folder, program)));

/** Ends this process with 77, which ctest reports as skipped, when something it needs is not on this machine. */
export function skipUnless(missing) {
  const reason = missing() ?? (found('nats-server') ? undefined : 'nats-server is not installed');
  if (!reason) return;
  console.log(`skipped: ${reason}`);
  process.exit(77);
}
