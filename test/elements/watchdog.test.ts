import { expect } from '@open-wc/testing';
import { Watchdog } from '../../src/elements/extras/watchdog.ts';

describe('the watch over a picture that stands still', () => {
  const seconds = (watchdog: Watchdog, count: number, frames: number | null) =>
    Array.from({ length: count }, () => watchdog.check(frames));

  it('asks for a key frame after 3 s, for the stream anew after 6, and for a new session after 9', () => {
    const watchdog = new Watchdog();
    watchdog.check(7);
    const said = seconds(watchdog, 9, 7);
    expect([said[2], said[5], said[8]]).to.deep.equal(['refresh', 'repeat', 'reconnect']);
    expect(said.filter(Boolean)).to.have.length(3);
  });

  it('gives a slow camera as much longer as the device says', () => {
    const watchdog = new Watchdog();
    watchdog.check(7, 30);
    const said = Array.from({ length: 39 }, () => watchdog.check(7, 30));
    expect([said[32], said[35], said[38]]).to.deep.equal(['refresh', 'repeat', 'reconnect']);
    expect(said.filter(Boolean)).to.have.length(3);
  });

  it('begins anew with every frame, and while none is expected', () => {
    const watchdog = new Watchdog();
    expect([...seconds(watchdog, 3, 1), ...seconds(watchdog, 3, 2), ...seconds(watchdog, 9, null)]).to.deep.equal(
      Array(15).fill(undefined),
    );
  });

  it('does not replace the session again and again for a camera of one frame in a long while', () => {
    const watchdog = new Watchdog();
    watchdog.check(1);
    expect(seconds(watchdog, 60, 1).filter((remedy) => remedy === 'reconnect')).to.have.length(1);
  });
});
