# The device alone: docker build -t multistream-device .
FROM node:24-bookworm-slim AS build
WORKDIR /src
COPY package.json package-lock.json .npmrc ./
COPY device/package.json device/
RUN npm ci --ignore-scripts
COPY . .
# The image's own Node is the one that the scripts ask for; the npm package of Node would need its install script.
RUN node scripts/build-device.mjs && npm pack --ignore-scripts --workspace device --pack-destination /tmp

FROM node:24-bookworm-slim
ENV NODE_ENV=production
WORKDIR /app
COPY --from=build /tmp/multistream-device-*.tgz /tmp/
RUN npm install --omit=dev --ignore-scripts --no-audit --no-fund /tmp/multistream-device-*.tgz \
  && npm cache clean --force \
  && rm /tmp/multistream-device-*.tgz
USER node
# The API, and the pictures of all viewers.
EXPOSE 1984/tcp 8555/udp 8555/tcp
HEALTHCHECK --interval=30s --timeout=3s --start-period=10s \
  CMD ["node", "-e", "fetch('http://127.0.0.1:1984/healthz').then(({ ok }) => process.exit(ok ? 0 : 1), () => process.exit(1))"]
# Node itself is process 1, so that SIGTERM reaches the device: its supervisor, which starts it again when it hangs.
ENTRYPOINT ["node", "node_modules/multistream-device/bin/multistream-device.js"]
CMD ["--config", "/config/cameras.yaml"]
