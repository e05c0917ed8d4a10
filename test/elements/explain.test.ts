import { expect } from '@open-wc/testing';
import { ConnectionError, SwitchError } from '../../src/client/errors.ts';
import { explain } from '../../src/elements/extras/explain.ts';
import { stringsFor } from '../../src/elements/extras/words.ts';
import type { Strings } from '../../src/elements/strings.ts';
import type { Why } from '../../src/elements/tile-state.ts';
import { codeOf } from '../../src/protocol/device-words.ts';
import type { ErrorCode } from '../../src/protocol/messages.ts';

describe('what a reader is told of a failure', () => {
  const english = stringsFor(document.createElement('p'));
  const told = (why: Why, strings: Partial<Strings> = english) =>
    explain(why, strings, { device: 'https://device.test', stream: 'door' });

  function camera(reason: 'offline' | 'error', detail: string, code?: ErrorCode): Why {
    return { reason, message: detail, detail, code };
  }

  it('names the device, and not what only a developer can use', () => {
    const error = new ConnectionError('lost', 'code 1006');
    expect(error.message).to.contain('code 1006');
    expect(told(error)).to.equal('The connection to https://device.test was lost');
  });

  it('has what the device said in brackets, and no brackets where it said nothing', () => {
    expect(told(camera('offline', '401 Unauthorized'))).to.equal('The camera does not answer (401 Unauthorized)');
    expect(told(camera('offline', ''))).to.equal('The camera does not answer');
    expect(told(camera('offline', ''), { cameraOffline: '没有响应（{detail}）' })).to.equal('没有响应');
  });

  it('goes by the device’s code for what it cannot show', () => {
    expect(told(camera('error', 'no such thing', 'stream-not-found'))).to.equal('The device has no camera “door”');
    expect(told(camera('error', 'codec mismatch: no H264', 'codec-mismatch'))).to.equal(
      'This browser cannot play the video of this camera (no H264)',
    );
    expect(told(camera('error', '', 'no-keyframe'))).to.match(/^The camera sends; its next key frame/);
    expect(told(new ConnectionError('refused', 'too many slots requested'))).to.equal(
      'The device refuses to play (too many slots requested)',
    );
    const status = { slot: 0, stream: 'door', status: 'buffering' } as const;
    expect(told(new SwitchError('timeout', status))).to.equal('No answer in time');
  });

  it('knows the codes for the words of devices that send none', () => {
    const said = {
      'multistream/init: stream not found': 'stream-not-found',
      'multistream/init: too many slots requested (at most 4)': 'too-many-slots',
      'codec mismatch: no H264': 'codec-mismatch',
      'webrtc/offer: codecs not matched: video:H265 => video:VP8': 'codec-mismatch',
      'multistream/switch: invalid slot index': 'invalid-slot',
      'multistream/offer: no active session': 'no-session',
      'multistream/init: session already initialized': 'session-exists',
      'multistream/init: no valid slots': 'stream-not-found',
      'unknown message: multistream/init': undefined,
    };
    expect(Object.keys(said).map(codeOf)).to.deep.equal(Object.values(said));
  });

  it('is the message for developers where there is no text', () => {
    expect(told(new ConnectionError('closed'), {})).to.equal('A MultiStreamClient connects once: create a new one');
  });

  it('puts in what was said as it was said, whatever stands in it', () => {
    expect(told(camera('error', 'no {stream} for $&'))).to.equal(
      'The device cannot show this camera (no {stream} for $&)',
    );
  });
});
