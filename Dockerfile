# The service behind a Postgres of its own, and a Redis if REDIS_URL names one: docker-compose.yml
# shows how. One image for all; ROLE says what a container does.

FROM node:22-bookworm-slim AS build
WORKDIR /app
# For the native kernels: without it the engine computes the same bits, at half the speed.
RUN apt-get update && apt-get install -y --no-install-recommends g++ && rm -rf /var/lib/apt/lists/*
COPY package.json package-lock.json ./
RUN npm ci --ignore-scripts --no-audit --no-fund
COPY . .
RUN npm run build

FROM node:22-bookworm-slim AS modules
WORKDIR /app
COPY package.json package-lock.json ./
# Both omits are needed: the Prisma CLI, TypeScript and their hundred packages come as optional peers of
# Prisma's client, and npm counts those as neither development nor production. The embedded Postgres
# is optional too, and left out on purpose: a container that was given no DATABASE_URL must not start
# a database that dies with it. Prisma brings compilers for five databases; this is 60 MB of them.
RUN npm ci --ignore-scripts --no-audit --no-fund --omit=dev --omit=optional \
  && rm -f node_modules/@prisma/client/runtime/query_compiler_*.cockroachdb.* \
    node_modules/@prisma/client/runtime/query_compiler_*.mysql.* \
    node_modules/@prisma/client/runtime/query_compiler_*.sqlite.* \
    node_modules/@prisma/client/runtime/query_compiler_*.sqlserver.*

FROM node:22-bookworm-slim
ENV NODE_ENV=production HOST=0.0.0.0 PORT=8080
WORKDIR /app
COPY package.json ./
COPY prisma/migrations prisma/migrations
COPY --from=modules /app/node_modules node_modules
COPY --from=build /app/dist dist
USER node
EXPOSE 8080
STOPSIGNAL SIGTERM
# A worker without WORKER_PORT listens to nobody: it keeps its leases, or others take its jobs.
HEALTHCHECK --interval=10s --timeout=5s --start-period=30s CMD ["node", "-e", "const { ROLE, PORT, WORKER_PORT } = process.env; const port = ROLE === 'worker' ? WORKER_PORT : PORT; port && fetch(`http://127.0.0.1:${port}/livez`).then(({ ok }) => process.exit(ok ? 0 : 1), () => process.exit(1))"]
CMD ["node", "dist/main.js"]
