/** For `--import`: the process hangs for good when it gets SIGUSR2, its main thread busy and its timers dead. */

process.on('SIGUSR2', () => {
  for (;;) {}
});
