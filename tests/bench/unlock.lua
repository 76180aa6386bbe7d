-- One unlock after the other. Each line of the file in BENCH_REQUESTS is a request whose %s is to become its request id.
local templates, count = {}, 0
for line in io.lines(os.getenv("BENCH_REQUESTS")) do
  templates[#templates + 1] = line:gsub("\\r\\n", "\r\n")
end
local run = os.getenv("BENCH_RUN")

function request()
  count = count + 1
  return templates[(count - 1) % #templates + 1]:format(("%s-0000-7000-8000-%012x"):format(run, count))
end

function done(summary, latency, requests)
  local errors = summary.errors
  io.write(("\n{\"requests\":%d,\"seconds\":%.6f,\"errors\":%d,\"p50\":%.6f,\"p99\":%.6f}\n"):format(
    summary.requests, summary.duration / 1e6,
    errors.connect + errors.read + errors.write + errors.status + errors.timeout,
    latency:percentile(50) / 1e6, latency:percentile(99) / 1e6))
end
