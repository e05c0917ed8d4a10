import { openPeers } from './link-counts.ts';

export interface ConnectionCounts {
  /** Since the page was opened. */
  created: number;
  open: number;
  /** Transports with a path that ICE has chosen. */
  ice: number;
  /** Transports whose DTLS handshake is done. */
  dtls: number;
}

/** The peer connections of the page and all its iframes. */
export async function countConnections(): Promise<ConnectionCounts> {
  const { peers = [] } = globalThis as { peers?: unknown[] };
  const open = openPeers();
  const reports = await Promise.all(open.map(async (peer) => [...(await peer.getStats()).values()]));
  const transports = reports.flat().filter(({ type }) => type === 'transport');
  return {
    created: peers.length,
    open: open.length,
    ice: transports.filter(({ selectedCandidatePairId }) => selectedCandidatePairId !== undefined).length,
    dtls: transports.filter(({ dtlsState }) => dtlsState === 'connected').length,
  };
}
