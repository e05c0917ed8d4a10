import { type Child, startChild } from './child-process.ts';

export interface TurnServerOptions {
  /** What goes before its command, where it is to run in another network. */
  within: readonly string[];
  /** Where its clients come in, UDP and TCP on the usual port. */
  listen: readonly string[];
  /** Whose packets it relays from here. */
  relay: string;
  username: string;
  credential: string;
}

/** coturn, with one user. */
export async function startTurnServer(options: TurnServerOptions): Promise<Child> {
  const { within, listen, relay, username, credential } = options;
  const [program = '', ...args] = [
    ...within,
    'turnserver',
    '-n',
    '--verbose',
    '--simple-log',
    '--log-file=stdout',
    '--no-cli',
    '--no-tls',
    '--no-dtls',
    '--pidfile=/dev/null',
    '--userdb=:memory:',
    '--lt-cred-mech',
    '--realm=test',
    `--user=${username}:${credential}`,
    `--relay-ip=${relay}`,
    ...listen.map((address) => `--listening-ip=${address}`),
  ];
  const child = startChild(program, args);
  await child.says(/Total General servers/);
  return child;
}
