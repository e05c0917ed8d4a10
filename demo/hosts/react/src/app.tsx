import 'multistream-elements/define';
import 'multistream-elements/jsx';
import { useState } from 'react';
import { useTiles } from './use-tiles';

const strings = { active: 'On air' };

export interface AppProps {
  device: string;
  cameras: readonly string[];
  onLeave: () => void;
}

/** React 19 sets a custom element's properties, and takes `on` with the event's name for its listener. */
export function App({ device, cameras, onLeave }: AppProps) {
  const { tiles, add, remove, next } = useTiles(cameras);
  const [columns, setColumns] = useState(3);
  const [eager, setEager] = useState(false);
  const [shown, setShown] = useState(true);
  const [connection, setConnection] = useState('');
  const [switched, setSwitched] = useState('');

  return (
    <>
      <nav>
        <button type="button" id="next" onClick={next}>
          Next camera
        </button>
        <button type="button" id="add" onClick={add}>
          Add
        </button>
        <button type="button" id="remove" onClick={remove}>
          Remove
        </button>
        <button type="button" id="columns" onClick={() => setColumns(5 - columns)}>
          Columns
        </button>
        <button type="button" id="eager" onClick={() => setEager(!eager)}>
          Eager
        </button>
        <button type="button" id="show" onClick={() => setShown(!shown)}>
          Show
        </button>
        <button type="button" id="leave" onClick={onLeave}>
          Leave
        </button>
        <output id="connection">{connection}</output> <output id="switched">{switched}</output>
      </nav>
      {shown && (
        <ms-grid
          device-url={device}
          iceServers={[]}
          columns={columns}
          strings={strings}
          onms-connection={({ state }) => setConnection(state)}
        >
          {tiles.map(({ id, stream }, place) => (
            <ms-slot
              key={id}
              slot={String(place)}
              stream={stream}
              eager={eager}
              onms-switch={(event) => setSwitched(event.stream)}
            />
          ))}
        </ms-grid>
      )}
    </>
  );
}
