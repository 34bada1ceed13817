import { readFileSync } from 'node:fs';

/** What a process takes, now and at most so far, in MB. Linux only. */
export function memory(pid) {
  const status = readFileSync(`/proc/${pid}/status`, 'utf8');
  const mb = (name) => Number(new RegExp(`${name}:\\s+(\\d+) kB`).exec(status)[1]) / 1000;
  return { now: mb('VmRSS'), most: mb('VmHWM') };
}

/** The workerd that a server's script has started. */
export function workerdOf(server) {
  const { pid } = server.process;
  const children = readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8').trim().split(' ');
  return children.find((child) => readFileSync(`/proc/${child}/cmdline`, 'utf8').includes('serve'));
}
