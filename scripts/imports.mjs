/**
 * Checks which part of the sources imports which, by one table, and that no files import each other in a circle. An
 * import of a type counts as any other: it ties two files together as well. Part of `npm run lint`.
 */

import { globSync, readFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { parseSync } from 'vite';

/**
 * A room is a folder, the files right in a folder (`*`), or a file; the first one that fits a path has it. A room imports
 * itself and what its list names: other rooms and packages, where a name that ends in `/` or `:` stands for all that
 * begin with it.
 */
const rooms = {
  // Both programs. Only the device reads clients' messages, so that the page does not pay for the schema library.
  'src/protocol/decode-client-message.ts': ['src/protocol/', 'valibot'],
  'src/protocol/': [],

  // The page: elements → client → protocol. The client works in pages without Lit.
  'src/client/': ['src/protocol/'],
  'src/elements/': ['src/client/', 'src/protocol/', 'lit', 'lit/', '@lit/context'],
  'src/iframe-upgrade/': ['src/elements/', 'src/client/', 'src/protocol/'],
  'src/react/': ['src/*', 'src/elements/', 'src/client/', 'src/protocol/', '@lit/react', 'react'],
  'src/types/': ['src/elements/', 'react', 'svelte/', 'vue'],
  'src/*': ['src/elements/', 'src/client/', 'src/protocol/', 'src/iframe-upgrade/'],

  // The device, from its ground up. FFmpeg runs in the coder's process, which is started and not imported.
  'device/src/media/': [],
  'device/src/token-bucket.ts': [],
  'device/src/binary-channel.ts': [],
  'device/src/turns.ts': [],
  'device/src/config/': ['device/src/media/', 'src/protocol/', 'node:', 'valibot', 'yaml'],
  // HTTP cameras ask for passwords in the same way.
  'device/src/rtsp/authentication.ts': ['node:'],
  'device/src/rtsp/': ['device/src/rtsp/authentication.ts', 'device/src/media/', 'node:'],
  'device/src/streams/': ['device/src/media/', 'device/src/token-bucket.ts', 'src/protocol/', 'node:'],
  'device/src/coder/messages.ts': ['device/src/media/', 'device/src/config/'],
  'device/src/coder/': [
    'device/src/coder/messages.ts',
    'device/src/rtsp/authentication.ts',
    'device/src/media/',
    'device/src/config/',
    'node:',
    'node-av/',
  ],
  'device/src/cameras/': [
    'device/src/streams/',
    'device/src/rtsp/',
    'device/src/coder/messages.ts',
    'device/src/media/',
    'device/src/config/',
    'node:',
    'pino',
  ],
  'device/src/sessions/outlet.ts': ['device/src/media/', 'src/protocol/'],
  'device/src/sessions/feedback-budget.ts': [],
  'device/src/sessions/': [
    'device/src/token-bucket.ts',
    'device/src/sessions/outlet.ts',
    'device/src/streams/',
    'device/src/media/',
    'src/protocol/',
    'node:',
    'pino',
  ],
  'device/src/webrtc/': [
    'device/src/token-bucket.ts',
    'device/src/sessions/outlet.ts',
    'device/src/sessions/feedback-budget.ts',
    'device/src/media/',
    'src/protocol/',
    'node:',
    'node-datachannel',
    'pino',
  ],
  'device/src/socket/': [
    'device/src/binary-channel.ts',
    'device/src/turns.ts',
    'device/src/sessions/outlet.ts',
    'device/src/sessions/feedback-budget.ts',
    'device/src/media/',
    'src/protocol/',
    'node:',
  ],
  'device/src/http/': [
    'device/src/binary-channel.ts',
    'device/src/token-bucket.ts',
    'device/src/turns.ts',
    'device/src/streams/',
    'device/src/config/',
    'src/protocol/decode-client-message.ts',
    'src/protocol/',
    'node:',
    '@fastify/',
    'fastify',
    'jose',
    'pino',
    'prom-client',
    'valibot',
    'ws',
    'rate-limiter-flexible',
  ],
  'device/src/*': [
    'device/src/http/',
    'device/src/webrtc/',
    'device/src/socket/',
    'device/src/sessions/outlet.ts',
    'device/src/sessions/',
    'device/src/cameras/',
    'device/src/streams/',
    'device/src/config/',
    'node:',
    'pino',
    'pino-pretty',
  ],
};

/** @returns {string | undefined} the key of `rooms` that has this path */
function roomOf(path) {
  return Object.keys(rooms).find(
    (room) => path === room || `${dirname(path)}/*` === room || (room.endsWith('/') && path.startsWith(room)),
  );
}

/** @param {string} imported the path of a file, or the name of a package */
function mayImport(room, imported) {
  const other = roomOf(imported);
  if (other !== undefined) {
    return other === room || rooms[room].includes(other);
  }
  return rooms[room].some((name) => imported === name || (/[/:]$/.test(name) && imported.startsWith(name)));
}

/** @returns {string[]} what a file imports, types and lazily loaded parts included: paths from the root, and packages */
function importsOf(file, text) {
  const { module, errors } = parseSync(file, text);
  if (errors.length > 0) {
    throw new Error(`${file}: ${errors[0].message}`);
  }
  const asked = [
    ...module.staticImports.map(({ moduleRequest }) => moduleRequest.value),
    ...module.staticExports.flatMap(({ entries }) =>
      entries.flatMap(({ moduleRequest }) => moduleRequest?.value ?? []),
    ),
    ...module.dynamicImports.map(({ moduleRequest: { start, end } }) => text.slice(start + 1, end - 1)),
  ];
  return [...new Set(asked.map((name) => (name.startsWith('.') ? join(file, '..', name) : name)))];
}

/** @returns {string[]} the circles of a graph, one for each group of files that import each other */
function circlesIn(graph) {
  const circles = [];
  const path = [];
  const done = new Set();
  const visit = (file) => {
    const start = path.indexOf(file);
    if (start >= 0) {
      circles.push([...path.slice(start), file].join(' → '));
    } else if (!done.has(file)) {
      path.push(file);
      graph.get(file)?.forEach(visit);
      path.pop();
      done.add(file);
    }
  };
  [...graph.keys()].forEach(visit);
  return circles;
}

/**
 * @param {Map<string, string>} sources the text of each file, by its path from the root
 * @returns {string[]} one line for each import that the table does not allow, and for each circle
 */
export function faultsOf(sources) {
  const graph = new Map([...sources].map(([file, text]) => [file, importsOf(file, text)]));
  const forbidden = [...graph].flatMap(([file, imported]) => {
    const room = roomOf(file);
    if (room === undefined) {
      return `${file}: no room of the table in scripts/imports.mjs has it`;
    }
    return imported
      .filter((name) => !mayImport(room, name))
      .map((name) => `${file} imports ${name}, which scripts/imports.mjs does not allow ${room}`);
  });
  return [...forbidden, ...circlesIn(graph).map((circle) => `circle: ${circle}`)];
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) {
  process.chdir(resolve(import.meta.dirname, '..'));
  const files = globSync('{src,device/src}/**/*.{ts,tsx}').sort();
  const faults = faultsOf(new Map(files.map((file) => [file, readFileSync(file, 'utf8')])));
  for (const fault of faults) {
    console.error(fault);
  }
  console.log(`${files.length} files, ${faults.length} imports or circles that must not be`);
  process.exitCode = faults.length === 0 ? 0 : 1;
}
