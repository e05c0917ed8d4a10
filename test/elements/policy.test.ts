import { expect } from '@open-wc/testing';
import type { MsSlot } from '../../src/elements/ms-slot.ts';
import { button, type Stage, setUp } from './wall-of-four.ts';

describe('a wall in a page that allows no HTML from strings', () => {
  let stage: Stage;

  beforeEach(() => {
    // The policy holds for the whole page and for good, so no other tests are in this file.
    const policy = document.createElement('meta');
    policy.httpEquiv = 'Content-Security-Policy';
    policy.content = "require-trusted-types-for 'script'; style-src 'self'";
    document.head.append(policy);
    stage = setUp();
  });

  afterEach(() => stage.tearDown());

  it('has all that stands over its pictures, and their styles', async () => {
    const { slots } = await stage.wall();
    const [slot] = slots as [MsSlot];
    expect(slot.renderRoot.querySelector('[part=label]')?.textContent).to.equal('Door');
    const path = button(slot, 'fullscreen')?.querySelector('path');
    expect(path?.getBoundingClientRect().width).to.be.above(0);
    expect(getComputedStyle(slot).aspectRatio).to.equal('16 / 9');
  });
});
