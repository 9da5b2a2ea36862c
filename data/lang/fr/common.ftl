app-name = relais
