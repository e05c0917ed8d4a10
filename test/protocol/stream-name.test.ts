import { expect } from '@open-wc/testing';
import { resolveStreamName } from '../../src/protocol/index.ts';

describe('the name of a stream in a quality', () => {
  it('is the stream itself without a quality', () => {
    expect(resolveStreamName('camera1')).to.equal('camera1');
    expect(resolveStreamName('camera1', '')).to.equal('camera1');
  });

  it('is the stream itself in its native quality', () => {
    expect(resolveStreamName('camera1', 'native')).to.equal('camera1');
  });

  it('joins stream and quality with a hyphen', () => {
    expect(resolveStreamName('camera1', '360p')).to.equal('camera1-360p');
  });

  it('leaves alone what a stream name itself contains', () => {
    expect(resolveStreamName('front-door 360p', '720p')).to.equal('front-door 360p-720p');
  });
});
