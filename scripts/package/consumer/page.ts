import 'multistream-elements/define';
import { ConnectionError, type MsSwitchEvent, type Strings } from 'multistream-elements';
import { DeviceConnection, MultiStreamClient } from 'multistream-elements/client';
import manifest from 'multistream-elements/custom-elements.json' with { type: 'json' };
import { downgrade, upgrade } from 'multistream-elements/iframe-upgrade';
import { resolveStreamName, type SlotStatus } from 'multistream-elements/protocol';

const grid = document.createElement('ms-grid');
grid.deviceUrl = new URLSearchParams(location.search).get('device') ?? '';
grid.iceServers = [];
grid.strings = { active: 'On air' } satisfies Partial<Strings>;
const slot = document.createElement('ms-slot');
slot.stream = 'camera1';
grid.append(slot);
document.body.append(grid);

grid.addEventListener('ms-switch', (event: MsSwitchEvent) => console.log(event.milliseconds));
grid.addEventListener('ms-error', ({ error }) => console.log(error instanceof ConnectionError && error.reason));

export const name: string = resolveStreamName('camera1', '360p');
export const statusOf = ({ status }: SlotStatus): string => status;
export const others = [DeviceConnection, MultiStreamClient, upgrade, downgrade, manifest.modules.length];
