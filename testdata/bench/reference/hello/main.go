// Command hello prints a line: what it takes to start a Go program and to end it.
package main

import "fmt"

func main() { fmt.Println("hello") }
