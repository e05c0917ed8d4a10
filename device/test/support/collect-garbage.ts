/** For `--import`: the process collects its garbage when it gets SIGWINCH, so that only memory in use is left. */

import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { isMainThread } from 'node:worker_threads';

if (isMainThread) {
  setFlagsFromString('--expose-gc');
  const collect = runInNewContext('gc') as () => void;
  process.on('SIGWINCH', () => {
    collect();
    // A second time for what finalizers of the first have let go.
    setImmediate(collect);
  });
}
