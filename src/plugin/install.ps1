# Puts the plugin's program at bin\helm-clas.exe, on Windows without sh, whose hooks Helm cannot run:
#
#   powershell -ExecutionPolicy Bypass -File src\plugin\install.ps1
#
# It is the first of these that there is, as in install.sh: the file that HELM_CLAS_BINARY names, bin\helm-clas.exe itself, a
# helm-clas on the PATH, the program of the release (beside plugin.yaml, or downloaded from HELM_CLAS_RELEASES or from the
# releases of the git remote `origin`, by its SHA-256), one that cargo builds. A failure leaves bin\ as it was.
$ErrorActionPreference = 'Stop'
$ProgressPreference = 'SilentlyContinue'

$plugin = Split-Path -Parent (Split-Path -Parent $PSScriptRoot)
$manifest = Get-Content -LiteralPath (Join-Path $plugin 'plugin.yaml')
$version = ($manifest | Select-String -Pattern '^version: *(\S+)').Matches[0].Groups[1].Value
$bin = Join-Path $plugin 'bin'
$place = Join-Path $bin 'helm-clas.exe'
$archive = "helm-clas-$version-x86_64-pc-windows-gnu.zip"
$stage = Join-Path $plugin ".install-$PID"

function Test-Wanted($file) {
    if (-not $file -or -not (Test-Path -LiteralPath $file)) { return $false }
    try { $said = (& $file version 2>$null | Select-Object -First 1) } catch { return $false }
    return ($said -eq "helm-clas $version") -or ("$said".StartsWith("helm-clas $version "))
}

function Get-Command-Path($name) {
    $found = Get-Command -Name $name -CommandType Application -ErrorAction SilentlyContinue | Select-Object -First 1
    if ($found) { return $found.Source }
}

function Get-Releases {
    if ($env:HELM_CLAS_RELEASES -eq 'none') { return }
    if ($env:HELM_CLAS_RELEASES) { return $env:HELM_CLAS_RELEASES.TrimEnd('/', '\') }
    if (-not (Test-Path -LiteralPath (Join-Path $plugin '.git')) -or -not (Get-Command-Path 'git')) { return }
    # Windows PowerShell stops at what a program says on its error stream
    $remote = try { & git -C $plugin remote get-url origin 2>$null | Select-Object -First 1 } catch { }
    $remote = "$remote" -replace '^git@([^:/]*):', 'https://$1/' -replace '^ssh://git@', 'https://' `
        -replace '//[^/@]*@', '//' -replace '/*$', '' -replace '\.git$', ''
    if ($remote -match '^https://gitlab\.') { return "$remote/-/releases" }
    if ($remote -match '^https?://') { return "$remote/releases/download" }
}

function Get-File($releases, $name) {
    $target = Join-Path $stage $name
    if ($releases -match '^https?://') {
        $folder = if ($releases -match '^https://gitlab\..*/-/releases$') { "v$version/downloads" } else { "v$version" }
        [Net.ServicePointManager]::SecurityProtocol = [Net.SecurityProtocolType]::Tls12
        Invoke-WebRequest -UseBasicParsing -TimeoutSec 60 -Uri "$releases/$folder/$name" -OutFile $target
    } else {
        Copy-Item -LiteralPath (Join-Path (Join-Path $releases "v$version") $name) -Destination $target
    }
}

function Expand-Verified($folder) {
    $listed = Get-Content -LiteralPath (Join-Path $folder 'SHA256SUMS') | Where-Object { $_.EndsWith("  $archive") }
    if (-not $listed) { throw "SHA256SUMS does not list $archive" }
    $wanted = ([string]$listed).Split(' ')[0]
    $found = (Get-FileHash -Algorithm SHA256 -LiteralPath (Join-Path $folder $archive)).Hash
    if ($found -ne $wanted) { throw "$archive is not what SHA256SUMS says: $found instead of $wanted" }
    Expand-Archive -LiteralPath (Join-Path $folder $archive) -DestinationPath (Join-Path $stage 'bin') -Force
    if (-not (Test-Wanted (Join-Path $stage 'bin\helm-clas.exe'))) {
        throw "the program in $archive does not run here, or is not helm-clas $version"
    }
}

# Whether the program of the release is in the stage; false where there is no release to take it from.
function Install-Release {
    if (Test-Path -LiteralPath (Join-Path $plugin $archive)) { Expand-Verified $plugin; return $true }
    $releases = Get-Releases
    if (-not $releases) { return $false }
    try {
        Get-File $releases 'SHA256SUMS'
        Get-File $releases $archive
    } catch {
        Write-Warning "cannot get ${archive}: $($_.Exception.Message)"
        return $false
    }
    Expand-Verified $stage
    return $true
}

try {
    New-Item -ItemType Directory -Force -Path (Join-Path $stage 'bin') | Out-Null
    $staged = Join-Path $stage 'bin\helm-clas.exe'
    $onPath = Get-Command-Path 'helm-clas'
    if ($env:HELM_CLAS_BINARY) {
        if (-not (Test-Wanted $env:HELM_CLAS_BINARY)) { throw "HELM_CLAS_BINARY=$env:HELM_CLAS_BINARY is not helm-clas $version" }
        Copy-Item -LiteralPath $env:HELM_CLAS_BINARY -Destination $staged
    } elseif (Test-Wanted $place) {
        exit 0
    } elseif (Test-Wanted $onPath) {
        Copy-Item -LiteralPath $onPath -Destination $staged
    } elseif (-not (Install-Release)) {
        if (-not (Get-Command-Path 'cargo')) { throw "no helm-clas $version on the PATH or in a release, and no cargo to build one" }
        Write-Host "helm-clas: building version $version with cargo, which takes a minute or two"
        & cargo install --locked --no-track --path $plugin --root $stage
        if ($LASTEXITCODE -ne 0) { throw "cargo could not build helm-clas $version" }
    }
    if (-not (Test-Wanted $staged)) { throw "the staged program does not run here, or is not helm-clas $version" }
    New-Item -ItemType Directory -Force -Path $bin | Out-Null
    Move-Item -Force -LiteralPath $staged -Destination $place
} catch {
    [Console]::Error.WriteLine("error: $($_.Exception.Message)")
    [Console]::Error.WriteLine("Do one of these, and run this script again:")
    [Console]::Error.WriteLine("  put $archive and SHA256SUMS of the release into: $plugin")
    [Console]::Error.WriteLine("  put a ready helm-clas $version at: $place")
    [Console]::Error.WriteLine("  install Rust (https://rustup.rs) to build it; with HELM_CLAS_RELEASES=none nothing is downloaded")
    exit 1
} finally {
    Remove-Item -Recurse -Force -LiteralPath $stage -ErrorAction SilentlyContinue
}
