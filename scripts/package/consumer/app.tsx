import 'multistream-elements/jsx';
import { CameraGrid, MsGrid, MsSlot, useMultiStream } from 'multistream-elements/react';

export function App({ deviceUrl }: { deviceUrl: string }) {
  const { slots } = useMultiStream(deviceUrl, [{ stream: 'camera1', quality: '360p' }]);
  return (
    <main>
      <video ref={slots[0]?.ref} muted playsInline />
      <CameraGrid deviceUrl={deviceUrl} cameras={[{ id: 'camera1' }]} />
      <MsGrid deviceUrl={deviceUrl} onMsConnection={({ state }) => console.log(state)}>
        <MsSlot index={0} stream="camera1" onMsSwitch={({ milliseconds }) => console.log(milliseconds)} />
      </MsGrid>
      <ms-grid device-url={deviceUrl}>
        <ms-slot slot="0" stream="camera1" />
      </ms-grid>
    </main>
  );
}
