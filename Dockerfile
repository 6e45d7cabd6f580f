# One image for every program of this repository; the command chooses: server, engine, alerts, dashboards, inbox.
# BASE is any image with Node >= 20.19 and npm.
ARG BASE=docker.io/library/node:24-bookworm-slim

FROM ${BASE} AS build
WORKDIR /app
COPY . .
# The compiler and the libraries that end up inside the built pages are needed to build and not to run.
RUN npm ci --omit=dev --ignore-scripts --no-audit --no-fund \
 && npm run build \
 && rm -rf node_modules \
 && npm ci --omit=dev --ignore-scripts --no-audit --no-fund --workspace=@tatou/cli --include-workspace-root=false
# Of our own packages, what was built and what is read at run time: no sources, declarations, source maps.
RUN rm -rf apps/web/dev apps/web/public apps/web/tools apps/web/*.html apps/web/*.ts \
 && find apps packages \( -name src -o -name build-types -o -name testdata \) -type d -prune -exec rm -rf {} + \
 && find apps packages -type f \
    \( -name '*.d.ts' -o -name '*.map' -o -name '*.tsbuildinfo' -o -name 'tsconfig.json' \) -delete

FROM ${BASE}
ENV NODE_ENV=production \
    HOST=0.0.0.0 \
    STORAGE_DIR=/app/storage \
    SECRET_KEY_FILE=/app/storage/secret.key
WORKDIR /app
COPY --from=build /app/node_modules node_modules
COPY --from=build /app/package.json /app/LICENSE ./
COPY --from=build /app/monitoring monitoring
COPY --from=build /app/packages packages
COPY --from=build /app/apps apps
# A named volume takes over owner and mode of the folder it is mounted on. The first start writes the signing key there.
RUN mkdir storage && chown 10001:10001 storage && chmod 700 storage
USER 10001:10001
VOLUME /app/storage
EXPOSE 5000
ENTRYPOINT ["node", "/app/apps/cli/bin/tatou.mjs"]
CMD ["server"]
