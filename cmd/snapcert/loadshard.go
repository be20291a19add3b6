package main

import (
	"context"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"time"

	"github.com/snapcert/snapcert/loadprofiles"
)

// runShard sends one generator's part and writes it down for the merge.
func (a *app) runShard(ctx context.Context, f *loadFlags, p loadprofiles.Profile, o loadprofiles.Options, start time.Time) error {
	o.RunID = "start-" + start.UTC().Format(time.RFC3339Nano)
	host, err := os.Hostname()
	if err != nil {
		host = ""
	}
	o.Shard = loadprofiles.ShardOptions{Index: f.shardIndex, Count: f.shards, Start: start, Host: host}
	path := filepath.Join(f.out, loadprofiles.ShardFile(f.shardIndex))
	if _, err := os.Stat(path); err == nil {
		return usage("%s is there already: a shard is sent once, and a new run needs another --out", path)
	}
	view := a.loadView(f.noProgress)
	o.Progress = view.show
	part, err := loadprofiles.RunPart(ctx, p, o)
	view.stop()
	if err != nil {
		return loadError(ctx, err)
	}
	if err := loadprofiles.WritePart(path, part); err != nil {
		return withCode(exitUnknown, err)
	}
	a.note("%s holds %d of %d requests; put all %d together with: snapcert report merge %s", path, part.Shard.Sent, part.Shard.Planned, f.shards, f.out)
	switch {
	case ctx.Err() != nil:
		return quietly(exitInterrupted)
	case !part.Run.Complete:
		return quietly(exitIncomplete)
	}
	return nil
}

// command is what repeats this run. Where the result goes and what is shown meanwhile are no part of it.
func (f *loadFlags) command() string {
	words := []string{"snapcert", "load", plainOrQuoted(f.profile)}
	add := func(flag string, wanted bool, value string) {
		switch {
		case !wanted:
		case value == "":
			words = append(words, flag)
		default:
			words = append(words, flag, plainOrQuoted(value))
		}
	}
	text := func(flag, value string) { add(flag, value != "", value) }
	text("--target", f.target)
	text("--providers", f.providers)
	text("--endpoint", strings.Join(f.endpoints, ","))
	text("--rate", f.rate)
	add("--duration", f.duration > 0, f.duration.String())
	text("--allow-host", strings.Join(f.allowed, ","))
	text("--max-rate", f.maxRate)
	add("--max-requests", f.maxRequests > 0, strconv.FormatUint(f.maxRequests, 10))
	text("--i-know-this-is-production", strings.Join(f.production, ","))
	add("--repeat", f.repeat > 1, strconv.Itoa(f.repeat))
	add("--seed", f.seed != 1, strconv.FormatInt(f.seed, 10))
	add("--latency", f.sandboxLatency > 0, f.sandboxLatency.String())
	add("--fast", f.fast, "")
	return strings.Join(words, " ")
}
