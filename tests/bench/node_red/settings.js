// The peer as it comes, without its editor. Node-RED keeps no record of what passes through it.
module.exports = {
  uiHost: "127.0.0.1",
  uiPort: Number(process.env.BENCH_HTTP_PORT),
  httpAdminRoot: false,
  flowFile: "flow.json",
  credentialSecret: false,
  logging: {console: {level: "info"}},
};
