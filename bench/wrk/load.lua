-- Posts the bodies of a file in turn, and counts the answers that aren't what they must be.
-- Arguments: the path, the file of bodies, the value of Authorization, the text that every right answer holds.
local threads = {}
local requests, at, expected = {}, 0, nil
right, wrong, first_wrong = 0, 0, ""

function setup(thread) threads[#threads + 1] = thread end

function init(arguments)
    expected = arguments[4]
    local headers = { ["Content-Type"] = "application/json", ["Authorization"] = arguments[3] }
    for body in io.lines(arguments[2]) do
        requests[#requests + 1] = wrk.format("POST", arguments[1], headers, body)
    end
end

function request()
    at = at % #requests + 1
    return requests[at]
end

function response(status, _, body)
    if status == 200 and body:find(expected, 1, true) then
        right = right + 1
    else
        wrong = wrong + 1
        if wrong == 1 then first_wrong = status .. " " .. body:sub(1, 300) end
    end
end

function done(summary, latency)
    local all_right, all_wrong, example = 0, 0, ""
    for _, thread in ipairs(threads) do
        all_right = all_right + thread:get("right")
        all_wrong = all_wrong + thread:get("wrong")
        if example == "" then example = thread:get("first_wrong") end
    end
    local errors = summary.errors
    io.write(string.format("RESULT %d %d %d %d %d %d %d\n", all_right, all_wrong, errors.connect + errors.read + errors.write + errors.timeout,
        summary.duration, latency:percentile(50), latency:percentile(99), latency:percentile(99.9)))
    if all_wrong > 0 then io.write("WRONG " .. example:gsub("%s+", " ") .. "\n") end
end
