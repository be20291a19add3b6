//go:build race

package main

// raceDetector tells whether the tests, and the processes they start, are watched for data races.
const raceDetector = true
