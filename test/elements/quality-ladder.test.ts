import { expect } from '@open-wc/testing';
import { QualityLadder } from '../../src/elements/extras/quality-ladder.ts';
import { variantsOf } from '../../src/elements/extras/variants.ts';

const rungs = [
  { quality: 'native', height: Number.POSITIVE_INFINITY },
  { quality: '360p', height: 360 },
  { quality: '720p', height: 720 },
];

describe('the choice among variants', () => {
  const qualities = (ladder: QualityLadder, ...lines: number[]) => lines.map((line) => ladder.choose(line).quality);

  it('takes the smallest that is large enough for the tile', () => {
    const first = (lines: number) => new QualityLadder(rungs).choose(lines).quality;
    expect([180, 360, 400, 500, 720, 800, 1080].map(first)).to.deep.equal([
      '360p',
      '360p',
      '360p',
      '720p',
      '720p',
      '720p',
      'native',
    ]);
  });

  it('takes the best for a tile in fullscreen', () => {
    expect(new QualityLadder(rungs).choose(Number.POSITIVE_INFINITY).quality).to.equal('native');
  });

  it('does not change back and forth with a tile that is about the size of a variant', () => {
    expect(qualities(new QualityLadder(rungs), 400, 420, 410, 420, 400)).to.deep.equal(Array(5).fill('360p'));
    expect(qualities(new QualityLadder(rungs), 700, 430, 360, 340, 300)).to.deep.equal([
      '720p',
      '720p',
      '720p',
      '720p',
      '360p',
    ]);
  });

  it('goes lower after some bad reports in a row, and up again after a rest', () => {
    const ladder = new QualityLadder(rungs);
    expect(ladder.choose(720).quality).to.equal('720p');
    for (const [good, time] of [
      [false, 1000],
      [true, 2000],
      [false, 3000],
      [false, 4000],
    ] as const) {
      ladder.report(good, time);
    }
    expect(ladder.choose(720).quality).to.equal('720p');
    ladder.report(false, 5000);
    expect(ladder.choose(720).quality).to.equal('360p');
    ladder.report(true, 30_000);
    expect(ladder.choose(720).quality).to.equal('360p');
    ladder.report(true, 36_000);
    expect(ladder.choose(720).quality).to.equal('720p');
  });

  it('rests twice as long when the larger picture was no use again', () => {
    const ladder = new QualityLadder(rungs);
    const fail = (time: number) => {
      for (let i = 0; i < 3; i += 1) {
        ladder.report(false, time);
      }
    };
    ladder.choose(720);
    fail(1000);
    ladder.choose(720);
    ladder.report(true, 32_000);
    expect(ladder.choose(720).quality).to.equal('720p');
    fail(33_000);
    ladder.choose(720);
    ladder.report(true, 64_000);
    expect(ladder.choose(720).quality).to.equal('360p');
    ladder.report(true, 94_000);
    expect(ladder.choose(720).quality).to.equal('720p');
  });

  it('has nothing lower than the lowest', () => {
    const ladder = new QualityLadder([{ quality: 'native', height: 1080 }]);
    ladder.choose(100);
    for (let i = 0; i < 9; i += 1) {
      ladder.report(false, i);
    }
    expect(ladder.choose(100).quality).to.equal('native');
  });
});

describe('the variants of a stream', () => {
  const own = [{ quality: 'native', height: Number.POSITIVE_INFINITY }];

  for (const answer of ['null', '7', '[]', '{"one":null}', 'no JSON']) {
    it(`are the stream alone where the device answers ${answer}`, async () => {
      expect(await variantsOf('one', `data:application/json,${answer}`)).to.deep.equal(own);
    });
  }

  it('are no more than a menu has room for, however many the device lists', async () => {
    const list = Object.fromEntries(Array.from({ length: 10_000 }, (_, height) => [`one-${height + 1}p`, {}]));
    const address = URL.createObjectURL(new Blob([JSON.stringify(list)]));
    expect(await variantsOf('one', address)).to.have.length(33);
    URL.revokeObjectURL(address);
  });
});
