/** How soon a tile is heard after it was asked for; the cameras' tones never pause. */

interface Grid extends HTMLElement {
  listen(slot: number | null): void;
}

/** A sample beyond this part of full scale is heard: the cameras' tones have a third, and silence has none. */
const threshold = 0.05;
/** Milliseconds after which a tile that is not heard ends the measurement. */
const patience = 20_000;

const players = new Set<HTMLAudioElement>();
const { play } = HTMLMediaElement.prototype;
HTMLMediaElement.prototype.play = function (this: HTMLMediaElement) {
  if (this.localName === 'audio') {
    players.add(this as HTMLAudioElement);
  }
  return play.call(this);
};

/** Milliseconds from asking for a tile's sound to the first sample of it, beginning with a page that hears nothing. */
export async function tapToSound(index: number): Promise<number> {
  const grid = document.querySelector('ms-grid') as Grid;
  const context = new AudioContext({ latencyHint: 'interactive' });
  await context.resume();
  const analyser = new AnalyserNode(context, { fftSize: 256 });
  const samples = new Float32Array(256);
  players.clear();
  const start = performance.now();
  grid.listen(index);
  try {
    let source: AudioNode | undefined;
    for (;;) {
      const [player] = players;
      if (player !== undefined && source === undefined) {
        const stream = player.srcObject as MediaStream | null;
        source = stream ? context.createMediaStreamSource(stream) : context.createMediaElementSource(player);
        source.connect(analyser);
      }
      analyser.getFloatTimeDomainData(samples);
      if (samples.some((sample) => Math.abs(sample) > threshold)) {
        return performance.now() - start;
      }
      if (performance.now() - start > patience) {
        throw new Error(`tile ${index} is not heard`);
      }
      await new Promise((resolve) => setTimeout(resolve, 4));
    }
  } finally {
    await context.close();
  }
}

/** @param index of the tile that is heard from now on; null for none */
export function listen(index: number | null): void {
  (document.querySelector('ms-grid') as Grid).listen(index);
}
