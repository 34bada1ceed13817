// One workerd a data folder: two would write the same databases, and each lose what the other
// acknowledged. The lock is a socket, which ends with the process however that ends; its path is
// short, because systems allow few characters.

import { createHash } from 'node:crypto';
import { realpathSync, rmSync } from 'node:fs';
import { connect, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** Locks a folder that exists, for as long as this process lives; throws when another has it. */
export async function lock(folder) {
  const name = createHash('sha256').update(realpathSync(folder)).digest('hex').slice(0, 16);
  const path = join(tmpdir(), `unified-storage-${name}.sock`);
  if (await listens(path)) return;
  if (!(await isHeld(path)) && (await takeOver(path))) return;
  throw new Error(`${folder} is in use by another workerd; stop that one, or choose another folder`);
}

function listens(path) {
  return new Promise((done, failed) => {
    const server = createServer((socket) => socket.destroy()).unref();
    server.once('error', (/** @type {NodeJS.ErrnoException} */ e) =>
      e.code === 'EADDRINUSE' ? done(false) : failed(e),
    );
    server.listen(path, () => done(true));
  });
}

/** Whether somebody listens: a process that was killed leaves its socket's file behind. */
function isHeld(path) {
  return new Promise((done) => {
    const socket = connect(path, () => {
      socket.destroy();
      done(true);
    });
    socket.once('error', () => done(false));
  });
}

function takeOver(path) {
  rmSync(path, { force: true });
  return listens(path);
}
