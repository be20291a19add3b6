package loadprofiles

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"

	"github.com/snapcert/snapcert/reports"
)

// ShardFile is the name of the file that a shard leaves in a folder.
func ShardFile(index int) string { return fmt.Sprintf("shard-%04d.json", index) }

// MergeDirs merges the shards whose files lie in some folders. A file that cannot be read, because its shard was killed
// while it wrote it, say, counts as a shard that is lost and is named.
func MergeDirs(dirs []string) (*reports.Load, error) {
	var parts []*Part
	var unread []string
	for _, dir := range dirs {
		if _, err := os.Stat(dir); err != nil {
			return nil, fmt.Errorf("merge: %w", err)
		}
		files, err := filepath.Glob(filepath.Join(dir, "shard-*.json"))
		if err != nil {
			return nil, fmt.Errorf("merge: %w", err)
		}
		slices.Sort(files)
		for _, path := range files {
			part, err := readPartFile(path)
			if err != nil {
				unread = append(unread, fmt.Sprintf("%s cannot be used: %v", filepath.Base(path), err))
				continue
			}
			parts = append(parts, part)
		}
	}
	switch {
	case len(parts) == 0 && len(unread) > 0:
		return nil, errors.New("merge: " + unread[0])
	case len(parts) == 0:
		return nil, errors.New("merge: no shards there: want folders with files as " + ShardFile(0))
	}
	return merge(parts, unread)
}

func readPartFile(path string) (*Part, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer func() { _ = f.Close() }() // only read
	return ReadPart(f)
}
