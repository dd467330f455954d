package image

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"github.com/docker/cli/cli/config"
	"github.com/docker/cli/cli/config/types"
	"github.com/google/go-containerregistry/pkg/authn"
)

// credentials finds credentials where podman keeps them, and then where docker does. The library
// looks into the files of one of them only.
func credentials() authn.Keychain {
	var chains []authn.Keychain
	for _, file := range authFiles() {
		chains = append(chains, authFile(file))
	}
	return authn.NewMultiKeychain(append(chains, authn.DefaultKeychain)...)
}

// authFiles are podman's files (containers-auth.json(5)). The one that the environment names goes
// before all.
func authFiles() []string {
	if file := os.Getenv("REGISTRY_AUTH_FILE"); file != "" {
		return []string{file}
	}
	var files []string
	if dir := os.Getenv("XDG_RUNTIME_DIR"); dir != "" {
		files = append(files, filepath.Join(dir, "containers", "auth.json"))
	}
	if dir, err := os.UserConfigDir(); err == nil {
		files = append(files, filepath.Join(dir, "containers", "auth.json"))
	}
	return files
}

// authFile is a file of credentials. It is a Keychain.
type authFile string

// Resolve returns the credentials for a repository: those of the longest part of its name that the
// file has.
func (f authFile) Resolve(target authn.Resource) (authn.Authenticator, error) {
	file, err := os.Open(string(f))
	if errors.Is(err, fs.ErrNotExist) && os.Getenv("REGISTRY_AUTH_FILE") == "" {
		return authn.Anonymous, nil
	} else if err != nil {
		return nil, fmt.Errorf("credentials: %s: %w", f, plain(err))
	}
	defer file.Close()
	stored, err := config.LoadFromReader(file)
	if err != nil {
		return nil, fmt.Errorf("credentials: %s: %w", f, err)
	}
	for key := target.String(); key != ""; key = parent(key) {
		found, err := stored.GetAuthConfig(key)
		if err != nil {
			return nil, fmt.Errorf("credentials: %s: %w", f, err)
		}
		found.ServerAddress = ""
		if found != (types.AuthConfig{}) {
			return authn.FromConfig(authn.AuthConfig{
				Username: found.Username, Password: found.Password, Auth: found.Auth,
				IdentityToken: found.IdentityToken, RegistryToken: found.RegistryToken,
			}), nil
		}
	}
	return authn.Anonymous, nil
}

// parent returns a name without its last part, or "".
func parent(name string) string { return name[:max(0, strings.LastIndexByte(name, '/'))] }
