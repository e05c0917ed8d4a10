import { MsGrid, MsSlot } from 'multistream-elements/react';
import { useState } from 'react';
import type { AppProps } from './app';
import { useTiles } from './use-tiles';

const strings = { active: 'On air' };

/** The same with the wrappers, for React 18 and 19. */
export function AppWithWrappers({ device, cameras, onLeave }: AppProps) {
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
        <MsGrid
          deviceUrl={device}
          iceServers={[]}
          columns={columns}
          strings={strings}
          onMsConnection={({ state }) => setConnection(state)}
        >
          {tiles.map(({ id, stream }, place) => (
            <MsSlot
              key={id}
              index={place}
              stream={stream}
              eager={eager}
              onMsSwitch={(event) => setSwitched(event.stream)}
            />
          ))}
        </MsGrid>
      )}
    </>
  );
}
