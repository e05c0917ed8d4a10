'use client';

import { type ReactElement, useState } from 'react';
import { useMultiStream } from './use-multi-stream.ts';

export interface CameraGridProps {
  /** The device; empty for the page's own origin. */
  deviceUrl: string;
  /** `id` is the stream's name at the device; `label` is for people. */
  cameras: readonly { readonly id: string; readonly label?: string }[];
  /** Quality of all pictures; `360p` by default. */
  quality?: string;
  /** Quality of the picture that was clicked; `1080p` by default. */
  selectedQuality?: string;
  /** By default three in a row. */
  className?: string;
  onSelect?: (id: string) => void;
}

/** A wall in React's own elements. A click shows that camera in a better quality, and another click ends it. */
export function CameraGrid(props: CameraGridProps): ReactElement {
  const { deviceUrl, cameras, quality = '360p', selectedQuality = '1080p', className, onSelect } = props;
  const [selected, select] = useState<string | null>(null);
  const { slots, error } = useMultiStream(
    deviceUrl,
    cameras.map(({ id }) => ({ stream: id, quality: id === selected ? selectedQuality : quality })),
  );
  const toggle = (id: string) => {
    select(id === selected ? null : id);
    onSelect?.(id);
  };
  return (
    <div className={className} style={className === undefined ? threeInARow : undefined}>
      {cameras.map(({ id, label = id }, slot) => (
        <button key={id} type="button" aria-pressed={id === selected} style={bare} onClick={() => toggle(id)}>
          <video ref={slots[slot]?.ref} style={{ width: '100%' }} autoPlay playsInline muted />
          <span>
            {label} <small>{slots[slot]?.error?.message ?? error?.message ?? slots[slot]?.status?.status}</small>
          </span>
        </button>
      ))}
    </div>
  );
}

const threeInARow = { display: 'grid', gridTemplateColumns: 'repeat(3, 1fr)', gap: 8 };
const bare = {
  appearance: 'none',
  border: 0,
  padding: 0,
  background: 'none',
  font: 'inherit',
  color: 'inherit',
} as const;
