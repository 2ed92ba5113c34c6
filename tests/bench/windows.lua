-- wrk -s windows.lua URL -- FILE PREFIX SUFFIX: asks for PREFIX, a line of FILE drawn with a fixed seed,
-- and SUFFIX, and prints requests, bytes, microseconds, errors, and the 50th and 99th percentile of the
-- answers in microseconds.
local lines, prefix, suffix = {}, "/", ""

function init(args)
  for line in io.lines(args[1]) do
    lines[#lines + 1] = line
  end
  prefix, suffix = args[2] or prefix, args[3] or suffix
  math.randomseed(4242)
end

function request()
  return wrk.format("GET", prefix .. lines[math.random(#lines)] .. suffix)
end

function done(summary, latency)
  local errors = summary.errors
  io.write(string.format("RESULT %d %d %d %d %d %d\n", summary.requests, summary.bytes, summary.duration,
    errors.status + errors.timeout + errors.connect + errors.read + errors.write,
    latency:percentile(50), latency:percentile(99)))
end
