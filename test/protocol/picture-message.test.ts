import { expect } from '@open-wc/testing';
import { headerBytes, readPictureHeader, writePictureHeader } from '../../src/protocol/picture-message.ts';

describe('the header of a picture on the WebSocket', () => {
  for (const header of [
    { kind: 'init', keyframe: true, more: false, slot: 0, timestamp: 0, span: 0 },
    { kind: 'picture', keyframe: false, more: true, slot: 65_535, timestamp: 2 ** 32 - 1, span: 65_535 },
  ] as const) {
    it(`is read as it was written: ${JSON.stringify(header)}`, () => {
      const written = writePictureHeader(header);
      expect(written.length).to.equal(headerBytes);
      expect(readPictureHeader(written.slice().buffer)).to.deep.equal(header);
    });
  }

  it('is passed over where it is cut off, or of a kind that is not known', () => {
    const unknown = writePictureHeader({ kind: 'init', keyframe: false, slot: 0, timestamp: 0 });
    expect(readPictureHeader(unknown.slice(0, headerBytes - 1).buffer)).to.equal(null);
    unknown[0] = 9;
    expect(readPictureHeader(unknown.slice().buffer)).to.equal(null);
  });
});
