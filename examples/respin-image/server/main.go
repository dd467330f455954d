// Command server is what runs in the image of the example: it serves the files of the registry.
package main

import (
	"log"
	"net/http"
)

func main() {
	log.Fatal(http.ListenAndServe(":8080", http.FileServer(http.Dir("/var/www/html"))))
}
