import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { certificate, certificateKey } from './certificate.ts';
import { type Child, startChild } from './child-process.ts';

export interface TurnServerOptions {
  /** Words to put before its command, so that it runs in another network. */
  within: readonly string[];
  /** Where its clients come in, UDP and TCP on the usual port. */
  listen: readonly string[];
  /** Whose packets it relays from here. */
  relay: string;
  username: string;
  credential: string;
}

/** coturn, with one user; TLS is on port 5349. */
export async function startTurnServer(options: TurnServerOptions): Promise<Child> {
  const { within, listen, relay, username, credential } = options;
  const folder = await mkdtemp(join(tmpdir(), 'multistream-turn-'));
  const pem = join(folder, 'server.pem');
  await writeFile(pem, certificate + certificateKey);
  const [program = '', ...args] = [
    ...within,
    'turnserver',
    '-n',
    '--verbose',
    '--simple-log',
    '--log-file=stdout',
    '--no-cli',
    '--no-dtls',
    `--cert=${pem}`,
    `--pkey=${pem}`,
    '--pidfile=/dev/null',
    '--userdb=:memory:',
    '--lt-cred-mech',
    '--realm=test',
    `--user=${username}:${credential}`,
    `--relay-ip=${relay}`,
    ...listen.map((address) => `--listening-ip=${address}`),
  ];
  const child = startChild(program, args);
  try {
    await child.says(/Total General servers/);
  } finally {
    // It has read it by now.
    await rm(folder, { recursive: true });
  }
  return child;
}
