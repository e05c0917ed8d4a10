import type { Page } from 'puppeteer-core';

export interface Traffic {
  requests: number;
  /** Bytes of responses with their headers, and of WebSocket messages both ways. */
  bytes: number;
}

/** Counts what a page loads from a device, as it comes over the wire; media are not among it. */
export async function countTraffic(page: Page, devices: readonly string[]): Promise<Traffic> {
  const traffic: Traffic = { requests: 0, bytes: 0 };
  const counted = new Set<string>();
  const inspector = await page.createCDPSession();
  inspector.on('Network.requestWillBeSent', ({ requestId, request }) => {
    if (devices.some((device) => request.url.startsWith(device))) {
      counted.add(requestId);
      traffic.requests++;
    }
  });
  inspector.on('Network.loadingFinished', ({ requestId, encodedDataLength }) => {
    traffic.bytes += counted.has(requestId) ? encodedDataLength : 0;
  });
  for (const event of ['Network.webSocketFrameSent', 'Network.webSocketFrameReceived'] as const) {
    inspector.on(event, ({ response }) => {
      traffic.bytes += Buffer.byteLength(response.payloadData);
    });
  }
  await inspector.send('Network.enable');
  return traffic;
}
