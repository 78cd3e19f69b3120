package main

import (
	"errors"
	"fmt"
	"reflect"
	"strings"
	"time"

	"github.com/googleapis/gax-go/v2/apierror"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
)

// check prints `ok <sentence>` or `not ok <sentence>` with the reason indented below it; the walk goes on after a failure.
func check(sentence string, body func() error) {
	err := body()
	if err == nil {
		fmt.Println("ok " + sentence)
		return
	}
	fmt.Println("not ok " + sentence)
	fmt.Println("  " + strings.ReplaceAll(err.Error(), "\n", "\n  "))
}

func equal(what string, actual, expected any) error {
	if reflect.DeepEqual(actual, expected) {
		return nil
	}
	return fmt.Errorf("%s: %v is not %v", what, actual, expected)
}

// until polls the condition, as somebody without WaitOperation does.
func until(condition func() (bool, error)) error {
	for end := time.Now().Add(200 * time.Second); time.Now().Before(end); time.Sleep(20 * time.Millisecond) {
		if isTrue, err := condition(); isTrue || err != nil {
			return err
		}
	}
	return errors.New("not true within 20 s")
}

// refused demands this code and ErrorInfo; of the metadata, those given as key, value, key, value.
func refused(err error, code codes.Code, reason string, metadata ...string) error {
	var refusal *apierror.APIError
	if !errors.As(err, &refusal) {
		return fmt.Errorf("no API error: %v", err)
	}
	actual := fmt.Sprint(refusal.GRPCStatus().Code(), " ", refusal.Reason(), " ", refusal.Domain())
	if mismatch := equal("error", actual, fmt.Sprint(code, " ", reason, " storagetransfer.googleapis.com")); mismatch != nil {
		return mismatch
	}
	for index := 0; index < len(metadata); index += 2 {
		if mismatch := equal(metadata[index], refusal.Metadata()[metadata[index]], metadata[index+1]); mismatch != nil {
			return mismatch
		}
	}
	return nil
}

func codeOf(err error) codes.Code {
	var refusal *apierror.APIError
	if errors.As(err, &refusal) {
		return refusal.GRPCStatus().Code()
	}
	return status.Code(err)
}
