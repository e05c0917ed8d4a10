/** The sessions that a device has. @param query such as `?token=TOKEN` */
export async function sessionsOf(url: string, query = ''): Promise<number> {
  const metrics = await (await fetch(`${url}/metrics${query}`)).text();
  return Number(/^multistream_sessions (\d+)/m.exec(metrics)?.[1]);
}
