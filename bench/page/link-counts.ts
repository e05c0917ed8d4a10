/** The sum of what all the page's peer connections received, in W3C's words of `inbound-rtp`. */
export type LinkCounts = Record<(typeof keys)[number], number>;

const keys = ['packetsLost', 'nackCount', 'pliCount'] as const;

type ByPeer = Map<RTCPeerConnection, LinkCounts>;

export function openPeers(): RTCPeerConnection[] {
  const { peers = [] } = globalThis as { peers?: WeakRef<RTCPeerConnection>[] };
  const alive = peers.map((peer) => peer.deref()).filter((peer) => peer !== undefined);
  return alive.filter(({ connectionState }) => connectionState !== 'closed');
}

export async function countLinks(): Promise<ByPeer> {
  const entries = openPeers().map(async (peer) => {
    const counts: LinkCounts = { packetsLost: 0, nackCount: 0, pliCount: 0 };
    for (const report of (await peer.getStats()).values()) {
      if (report.type === 'inbound-rtp') {
        for (const key of keys) {
          counts[key] += report[key] ?? 0;
        }
      }
    }
    return [peer, counts] as const;
  });
  return new Map(await Promise.all(entries));
}

/** Connections that are new count from zero, those that are gone no more. */
export function countedSince(before: ByPeer, after: ByPeer): LinkCounts {
  const sum: LinkCounts = { packetsLost: 0, nackCount: 0, pliCount: 0 };
  for (const [peer, counts] of after) {
    for (const key of keys) {
      sum[key] += counts[key] - (before.get(peer)?.[key] ?? 0);
    }
  }
  return sum;
}
