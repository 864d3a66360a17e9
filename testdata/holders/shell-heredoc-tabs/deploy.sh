deploy() {
	cat <<-'END' | sudo tee illumio-values.yaml >/dev/null
	pce_url: pce.example.com:8443
	clusterMode: clas
	END
	helm upgrade illumio oci://quay.io/illumio/illumio \
	  --version 5.1.0 \
	  --values=illumio-values.yaml
}
